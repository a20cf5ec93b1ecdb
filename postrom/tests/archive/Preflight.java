// Asks PDFBox whether files keep the rules of PDF/A-1b: one line each, `valid` or `invalid` with the codes of what is wrong.
import java.io.File;
import java.util.TreeSet;
import org.apache.pdfbox.preflight.PreflightDocument;
import org.apache.pdfbox.preflight.ValidationResult;
import org.apache.pdfbox.preflight.ValidationResult.ValidationError;
import org.apache.pdfbox.preflight.exception.SyntaxValidationException;
import org.apache.pdfbox.preflight.parser.PreflightParser;

public class Preflight {
    public static void main(String[] files) throws Exception {
        for (String file : files) {
            ValidationResult result = look(file);
            TreeSet<String> codes = new TreeSet<>();
            for (ValidationError error : result.getErrorsList()) {
                codes.add(error.getErrorCode());
            }
            System.out.println(result.isValid() ? "valid" : "invalid " + String.join(" ", codes));
        }
    }

    private static ValidationResult look(String file) throws Exception {
        PreflightParser parser = new PreflightParser(new File(file));
        try {
            parser.parse();
            try (PreflightDocument document = parser.getPreflightDocument()) {
                document.validate();
                return document.getResult();
            }
        } catch (SyntaxValidationException refused) {
            return refused.getResult();
        }
    }
}
